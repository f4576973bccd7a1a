-- For sums over a time. Entries arrive nearly in the order of their time, which is all that BRIN needs: it takes some
-- kilobytes for a million entries, and next to nothing of a posting, where a B-tree would take a part of each.
create index if not exists ledger_entries_created_at on ledger_entries using brin (created_at) with (pages_per_range = 32, autosummarize = on);
