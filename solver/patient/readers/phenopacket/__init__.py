"""Records out of Phenopackets (schema version 2): a Phenopacket, the proband of a Family, or one member of a Cohort."""
