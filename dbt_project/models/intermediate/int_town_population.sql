{{ row_subject('stat_base_town', key=['township_code']) }}
