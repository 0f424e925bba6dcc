"""The words of vmuster as frozen values: what there is, was seen, is asked and was decided."""
