{{ row_subject('water_test', key=['sample_no'], year_ago=true) }}
