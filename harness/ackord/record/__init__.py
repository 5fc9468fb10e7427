"""Records a run: the recorder, the journal, and the import of recorded traffic."""
