CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) GENERATED ALWAYS AS (rpad(`b`,5,'x')) VIRTUAL,
  `g1` varchar(200) GENERATED ALWAYS AS (space(3)) VIRTUAL,
  `g2` varchar(200) GENERATED ALWAYS AS (hex(`b`)) VIRTUAL,
  `g3` varchar(200) GENERATED ALWAYS AS (hex(`a`)) VIRTUAL,
  `g4` varchar(200) GENERATED ALWAYS AS (unhex(`b`)) VIRTUAL,
  `g5` varchar(200) GENERATED ALWAYS AS (conv(`a`,10,2)) VIRTUAL,
  `g6` varchar(200) GENERATED ALWAYS AS (conv(`a`,10,8)) VIRTUAL,
  `g7` varchar(200) GENERATED ALWAYS AS (char(65,66)) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci