"""The pages over sealed releases: one file per page, found by the ``PAGE`` that it defines. Nothing here computes a statistic."""
