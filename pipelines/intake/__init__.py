"""Department files to checked rows: contracts, reading, typing, quarantine, ledger. Nothing here knows Dagster or dbt.

``contract`` says what an extract must look like, ``receive.take_in`` takes files in, ``ledger`` remembers them, ``status``
says who has sent what, ``reader.cells_at`` shows the cells of a source row again, ``address`` packs a source row in a number.
``keys`` holds the keys, ``vault`` whom pseudonyms stand for, ``archive`` the original bytes, ``rotation`` changes the master key.
"""
