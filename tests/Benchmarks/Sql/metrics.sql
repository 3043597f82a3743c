SELECT c0."Key", count(*) AS "Campaigns", COALESCE(sum(c0."Rows"), 0.0)::bigint AS "Rows", COALESCE(sum(c0."Spend"), 0.0) AS "Spend", COALESCE(sum(c0."Impressions"), 0.0)::bigint AS "Impressions", COALESCE(sum(c0."Clicks"), 0.0)::bigint AS "Clicks", COALESCE(sum(c0."Conversions"), 0.0) AS "Conversions", COALESCE(sum(c0."Revenue"), 0.0) AS "Revenue"
FROM (
    SELECT c.platform AS "Key", count(*) AS "Rows", COALESCE(sum(c.spend), 0.0) AS "Spend", COALESCE(sum(c.impressions), 0.0)::bigint AS "Impressions", COALESCE(sum(c.clicks), 0.0)::bigint AS "Clicks", COALESCE(sum(c.conversions), 0.0) AS "Conversions", COALESCE(sum(c.revenue), 0.0) AS "Revenue"
    FROM campaigns AS c
    WHERE c.tenant = 'default' AND c.deleted_at IS NULL
    GROUP BY c.platform, c.campaign_id
) AS c0
GROUP BY c0."Key"
