{{ contributions(ref('int_rule_result')) }}
