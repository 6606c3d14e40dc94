-- Lists are asked for often, and most of what they cost was looking at what they leave out.

-- Series are few among films and episodes: of them alone, in each order that lists may have.
create index content_newest_series on content (created_at desc, id desc) where type = 'series' and deleted_at is null;
create index content_popular_series on content (popularity desc, id desc) where type = 'series' and deleted_at is null;
create index content_best_series on content ((coalesce(rating, 0)) desc, id desc)
    where type = 'series' and deleted_at is null;
create index content_latest_series on content ((coalesce(release_year, 0)) desc, id desc)
    where type = 'series' and deleted_at is null;
create index content_titles_series on content (folded_title collate "C", id)
    where type = 'series' and deleted_at is null;

-- What the planner knows of an expression it does not learn from partial indexes.
create statistics content_years on (coalesce(release_year, 0)) from content;
create statistics content_ratings on (coalesce(rating, 0)) from content;
analyze content;

-- The planner looks at two indexes at once (BitmapAnd) only where they have no condition in common, so of a genre and a
-- year one was looked at and the other filtered.
drop index content_genres;
create index content_genres on content using gin (genre_keys);

-- A personal list reads forty neighbours of each of forty titles: from the index alone they are some pages, from the
-- table one for each.
alter table title_neighbours drop constraint title_neighbours_pkey;
alter table title_neighbours add primary key (title_id, neighbour_id) include (score, together);
