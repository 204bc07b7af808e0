{{ staging('doc_register') }}
