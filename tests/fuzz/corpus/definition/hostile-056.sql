CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB
/*!50100 PARTITION BY HASH (`id`) SELECT f() */