"""Writing records, in the order of execution of an org; conversion, merging and deletion with what follows."""
