{{ staging('support_measure') }}
