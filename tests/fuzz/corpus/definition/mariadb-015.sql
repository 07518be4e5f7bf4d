CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) GENERATED ALWAYS AS (concat(`b`,'/',`a`)) VIRTUAL,
  `g1` varchar(200) GENERATED ALWAYS AS (concat_ws(',',`a`,`b`)) VIRTUAL,
  `g2` varchar(200) GENERATED ALWAYS AS (ucase(`b`)) VIRTUAL,
  `g3` varchar(200) GENERATED ALWAYS AS (lcase(`b`)) VIRTUAL,
  `g4` varchar(200) GENERATED ALWAYS AS (lcase(`b`)) VIRTUAL,
  `g5` varchar(200) GENERATED ALWAYS AS (ucase(`b`)) VIRTUAL,
  `g6` varchar(200) GENERATED ALWAYS AS (left(`b`,1)) VIRTUAL,
  `g7` varchar(200) GENERATED ALWAYS AS (right(`b`,1)) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci