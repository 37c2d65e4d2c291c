-- What is to be answered outlives the page.

-- The message that the draft answers. It may have gone since, so it is looked up when it is read.
ALTER TABLE drafts ADD COLUMN reply_to INTEGER;
