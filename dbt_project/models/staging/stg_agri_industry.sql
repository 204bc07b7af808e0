{{ staging('agri_industry') }}
