-- Is it in the journal why the guard takes wave $2 of migration $1 back, out of the step that it entered at $3? $4: how the journal calls it.
SELECT EXISTS (SELECT FROM wavegate.journal j WHERE j.step = $4 AND j.migration_id = $1 AND j.wave = $2 AND j.at >= $3)
