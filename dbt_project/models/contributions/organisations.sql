{{ contributions(ref('int_organisation')) }}
