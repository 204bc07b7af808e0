{{ row_subject('project_library', key=['project_id'], groups={'is_done': ['status', 'project_status', 'finished']}) }}
