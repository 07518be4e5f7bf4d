CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) GENERATED ALWAYS AS (json_object('a',`a`)) VIRTUAL,
  `g1` varchar(200) GENERATED ALWAYS AS (json_array(`a`,`b`)) VIRTUAL,
  `g2` varchar(200) GENERATED ALWAYS AS (json_set(`b`,'$.x',1)) VIRTUAL,
  `g3` varchar(200) GENERATED ALWAYS AS (json_keys(`b`)) VIRTUAL,
  `g4` varchar(200) GENERATED ALWAYS AS (json_quote(`b`)) VIRTUAL,
  `g5` varchar(200) GENERATED ALWAYS AS (json_type(`b`)) VIRTUAL,
  `g6` varchar(200) GENERATED ALWAYS AS (json_value(`b`,'$.a')) VIRTUAL,
  `g7` varchar(200) GENERATED ALWAYS AS (json_merge_patch(`b`,'{}')) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci