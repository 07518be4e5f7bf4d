CREATE TABLE `t` (
  `id` int
) ENGINE=(SELECT 1)