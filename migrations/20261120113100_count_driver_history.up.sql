-- What drivers did before it was counted: nobody begins anew. Which trips a driver gave back and
-- which ones an admin took away is not told apart by the offers, so nobody is blamed for either.
INSERT INTO dispatch.drivers
    (driver_id, idle_since, accepted, declined, timed_out, stars, ratings)
SELECT d.id, now(), coalesce(o.accepted, 0), coalesce(o.declined, 0), coalesce(o.timed_out, 0),
    coalesce(r.stars, 0), coalesce(r.ratings, 0)
FROM fleet.drivers d
LEFT JOIN (
    SELECT driver_id,
        count(*) FILTER (WHERE status IN ('accepted', 'released')) AS accepted,
        count(*) FILTER (WHERE status = 'declined') AS declined,
        count(*) FILTER (WHERE status = 'timed_out') AS timed_out
    FROM dispatch.offers GROUP BY driver_id
) o ON o.driver_id = d.id
LEFT JOIN (
    SELECT about_user_id, sum(stars) AS stars, count(*) AS ratings
    FROM trips.ratings WHERE side = 'rider' GROUP BY about_user_id
) r ON r.about_user_id = d.id
ON CONFLICT (driver_id) DO NOTHING;
