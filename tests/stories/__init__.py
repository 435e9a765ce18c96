"""The fixtures with a known answer: what AWS does, against what the tool says."""
