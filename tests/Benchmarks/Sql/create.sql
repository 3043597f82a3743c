\set a random(1, 1000000000)
\set b random(1, 1000000000)
WITH audited AS (
    INSERT INTO audit_events (id, tenant, at, actor, origin, action, record_type, record_id, items, before, after, details, mac)
    VALUES (gen_random_uuid(), 'default', now(), 'benchmark', '127.0.0.1', 'create', 'campaigns', gen_random_uuid(), NULL, NULL, sha256('after'), NULL, sha256('mac')))
INSERT INTO campaigns (id, additional_data, campaign_id, campaign_name, channel, clicks, conversions, created_at, date, delete_reason, deleted_at, deleted_by, funnel_stage, cpa, cpc, ctr, roas, impressions, natural_key, platform, revenue, revision, spend, tenant, updated_at)
VALUES (gen_random_uuid(), '{"v": 7, "tags": ["t30", "t12"], "src": "gen"}', 'p-' || :a || '-' || :b, 'Campaign p-' || :a || '-' || :b, 'search', 97, 5, now(), '2024-06-12T00:00:00Z', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 83211, 'p-' || :a || '-' || :b || '|2024-06-12|google|search', 'google', NULL, 1, 4711.42, 'default', now());
