-- What the caller of POST /api/admin/transcode asked for: EncodingChoices in part, laid over the settings when the task is
-- planned.
alter table tasks add column wishes jsonb;
