"""Tests of partial evaluation."""
