{{ staging('med_settlement') }}
