CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) GENERATED ALWAYS AS (cast(`d` as time)) VIRTUAL,
  `g1` varchar(200) GENERATED ALWAYS AS (last_day(`d`)) VIRTUAL,
  `g2` varchar(200) GENERATED ALWAYS AS (makedate(2020,`a`)) VIRTUAL,
  `g3` varchar(200) GENERATED ALWAYS AS (maketime(1,2,3)) VIRTUAL,
  `g4` varchar(200) GENERATED ALWAYS AS (sec_to_time(`a`)) VIRTUAL,
  `g5` varchar(200) GENERATED ALWAYS AS (from_days(`a`)) VIRTUAL,
  `g6` varchar(200) GENERATED ALWAYS AS (addtime(`d`,'1:0:0')) VIRTUAL,
  `g7` varchar(200) GENERATED ALWAYS AS (timediff(`d`,`d`)) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci