"""Made-up arguments for every public function."""
