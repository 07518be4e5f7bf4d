CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) GENERATED ALWAYS AS (export_set(`a`,'1','0',',',4)) VIRTUAL,
  `g1` varchar(200) GENERATED ALWAYS AS (date_format(`d`,'%Y-%m')) VIRTUAL,
  `g2` varchar(200) GENERATED ALWAYS AS (time_format(`d`,'%H')) VIRTUAL,
  `g3` varchar(200) GENERATED ALWAYS AS (dayname(`d`)) VIRTUAL,
  `g4` varchar(200) GENERATED ALWAYS AS (monthname(`d`)) VIRTUAL,
  `g5` varchar(200) GENERATED ALWAYS AS (get_format(DATE, 'USA')) VIRTUAL,
  `g6` varchar(200) GENERATED ALWAYS AS (str_to_date(`b`,'%Y')) VIRTUAL,
  `g7` varchar(200) GENERATED ALWAYS AS (cast(`d` as date)) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci