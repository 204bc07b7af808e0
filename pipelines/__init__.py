"""防贫 (fangpin): department files in, traced and sealed figures out."""
