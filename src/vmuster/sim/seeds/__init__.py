"""Stories of chance: made from a seed, played by the hundred, shortened where one fails."""
