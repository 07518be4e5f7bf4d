CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) GENERATED ALWAYS AS (trim(leading 'x' from `b`)) VIRTUAL,
  `g1` varchar(200) GENERATED ALWAYS AS (rtrim(`b`)) VIRTUAL,
  `g2` varchar(200) GENERATED ALWAYS AS (trim(both 'x' from `b`)) VIRTUAL,
  `g3` varchar(200) GENERATED ALWAYS AS (replace(`b`,'a','b')) VIRTUAL,
  `g4` varchar(200) GENERATED ALWAYS AS (insert(`b`,1,1,'x')) VIRTUAL,
  `g5` varchar(200) GENERATED ALWAYS AS (repeat(`b`,2)) VIRTUAL,
  `g6` varchar(200) GENERATED ALWAYS AS (reverse(`b`)) VIRTUAL,
  `g7` varchar(200) GENERATED ALWAYS AS (lpad(`b`,5,'x')) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci