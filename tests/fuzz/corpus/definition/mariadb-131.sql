CREATE TABLE `dd` (
  `id` int(11) DEFAULT NULL,
  `a` int(11) GENERATED ALWAYS AS (--`id`) VIRTUAL,
  `b` int(11) GENERATED ALWAYS AS (---`id`) STORED,
  `c` int(11) DEFAULT 1,
  CONSTRAINT `CONSTRAINT_1` CHECK (`id` - -1 > -3)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci