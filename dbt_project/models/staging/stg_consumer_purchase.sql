{{ staging('consumer_purchase') }}
