CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB
PARTITION BY HASH (`f`(`id`))