{{ row_subject('appraisal', key=['unit', 'item', 'year']) }}
