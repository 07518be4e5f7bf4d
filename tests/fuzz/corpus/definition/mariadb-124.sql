CREATE TABLE `t` (
  `a` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`a`)),
  `b` int(11) GENERATED ALWAYS AS (json_exists(`a`,'$.x')) VIRTUAL,
  `c` text GENERATED ALWAYS AS (json_query(`a`,'$.x')) VIRTUAL,
  `d` text GENERATED ALWAYS AS (json_detailed(`a`)) VIRTUAL,
  `e` int(11) GENERATED ALWAYS AS (json_equals(`a`,`a`)) VIRTUAL
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci