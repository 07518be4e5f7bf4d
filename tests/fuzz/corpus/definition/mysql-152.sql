CREATE TABLE `t` (
  `my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */,
  `p` point DEFAULT NULL,
  `l` linestring DEFAULT NULL,
  `c` int GENERATED ALWAYS AS (st_x(`p`)) VIRTUAL,
  `e` double GENERATED ALWAYS AS (st_distance_sphere(`p`,`p`,6370986)) VIRTUAL,
  `u` point GENERATED ALWAYS AS (st_srid(`p`,4326)) VIRTUAL,
  `v` point GENERATED ALWAYS AS (st_swapxy(`p`)) VIRTUAL,
  `b` geometry GENERATED ALWAYS AS (st_buffer(`p`,1,st_buffer_strategy(_utf8mb4'point_square'))) VIRTUAL,
  PRIMARY KEY (`my_row_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci