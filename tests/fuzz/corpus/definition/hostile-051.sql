CREATE TABLE `t` (
  `id` int
) LIKE other