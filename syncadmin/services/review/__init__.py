"""What somebody has to decide: held records, conflicts, duplicates, people deleted here."""
