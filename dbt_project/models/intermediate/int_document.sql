{{ row_subject('doc_register', key=['doc_id'], asked=['form_id'], history=true) }}
