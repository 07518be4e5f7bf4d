CREATE TABLE `t` (
  `id` int
) FOR UPDATE