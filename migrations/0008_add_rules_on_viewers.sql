-- Who may watch a lesson: one list of rules as a token's claim has it (Tokens/ViewerRules). Put into the tokens made
-- after a change, because the gate has no database.
alter table videos add column rules text
    constraint "rules are one short list" check (length(rules) between 1 and 256 and rules !~ '[|]');
