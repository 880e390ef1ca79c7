"""Queries that are SOQL, and texts that aren't, one a line: for the grammar here and for a parser from elsewhere.

Whether the fields exist doesn't matter, only the form.
"""

# ruff: noqa: E501 - a query is a line
from __future__ import annotations

VALID = r"""
SELECT Id FROM Lead
select id from lead
SELECT Id, Name, Email FROM Lead
SELECT  Id ,Name  FROM   Lead
SELECT Id FROM Lead LIMIT 10
SELECT Id FROM Lead LIMIT 0
SELECT Id FROM Lead LIMIT 10 OFFSET 5
SELECT Id FROM Lead OFFSET 5
SELECT Lead.Id, Lead.Name FROM Lead
SELECT l.Id, l.Owner.Name FROM Lead l
SELECT Id FROM Lead l WHERE l.Name = 'x'
SELECT Custom__c, Parent__r.Other__c FROM Thing__c
SELECT ns__Custom__c FROM ns__Thing__c
SELECT Owner.Name, Owner.Profile.Name, CreatedBy.Manager.Manager.Name FROM Lead
SELECT a.b.c.d.e.Name FROM Lead
SELECT COUNT() FROM Lead
SELECT COUNT() FROM Lead WHERE Name LIKE 'a%'
SELECT COUNT(Id) FROM Lead
SELECT COUNT(Id) total FROM Lead
SELECT COUNT_DISTINCT(Company) FROM Lead
SELECT COUNT(Id), MIN(CreatedDate), MAX(CreatedDate), SUM(AnnualRevenue), AVG(AnnualRevenue) FROM Lead
SELECT MAX(AnnualRevenue) biggest, Industry FROM Lead GROUP BY Industry
SELECT Industry, COUNT(Id) FROM Lead GROUP BY Industry ORDER BY Industry
SELECT Industry, COUNT(Id) FROM Lead GROUP BY Industry ORDER BY COUNT(Id) DESC
SELECT Industry, COUNT(Id) FROM Lead GROUP BY Industry ORDER BY COUNT(Id) DESC NULLS LAST LIMIT 5
SELECT Industry, Rating, COUNT(Id) FROM Lead GROUP BY Industry, Rating
SELECT Industry, COUNT(Id) FROM Lead GROUP BY Industry HAVING COUNT(Id) > 3
SELECT Industry, COUNT(Id) FROM Lead GROUP BY Industry HAVING COUNT(Id) > 3 AND MAX(AnnualRevenue) < 100
SELECT Industry, COUNT(Id) FROM Lead GROUP BY Industry HAVING Industry LIKE 'B%'
SELECT Industry, COUNT(Id) FROM Lead WHERE Rating = 'Hot' GROUP BY Industry HAVING COUNT(Id) >= 1 ORDER BY Industry LIMIT 1
SELECT Owner.Name, COUNT(Id) FROM Lead GROUP BY Owner.Name
SELECT LeadSource, COUNT(Name) cnt FROM Lead GROUP BY ROLLUP(LeadSource)
SELECT LeadSource, Rating, COUNT(Name) cnt FROM Lead GROUP BY ROLLUP(LeadSource, Rating)
SELECT LeadSource, Rating, COUNT(Name) cnt FROM Lead GROUP BY CUBE(LeadSource, Rating)
SELECT LeadSource, GROUPING(LeadSource) g, COUNT(Name) cnt FROM Lead GROUP BY ROLLUP(LeadSource)
SELECT CALENDAR_YEAR(CreatedDate), COUNT(Id) FROM Lead GROUP BY CALENDAR_YEAR(CreatedDate)
SELECT CALENDAR_YEAR(CreatedDate) y, CALENDAR_MONTH(CreatedDate) m, COUNT(Id) FROM Lead GROUP BY CALENDAR_YEAR(CreatedDate), CALENDAR_MONTH(CreatedDate)
SELECT DAY_ONLY(CreatedDate), COUNT(Id) FROM Lead GROUP BY DAY_ONLY(CreatedDate)
SELECT HOUR_IN_DAY(CreatedDate), COUNT(Id) FROM Lead GROUP BY HOUR_IN_DAY(CreatedDate)
SELECT HOUR_IN_DAY(convertTimezone(CreatedDate)), COUNT(Id) FROM Lead GROUP BY HOUR_IN_DAY(convertTimezone(CreatedDate))
SELECT FISCAL_YEAR(CloseDate), FISCAL_QUARTER(CloseDate), SUM(Amount) FROM Opportunity GROUP BY FISCAL_YEAR(CloseDate), FISCAL_QUARTER(CloseDate)
SELECT WEEK_IN_YEAR(CreatedDate), COUNT(Id) FROM Lead GROUP BY WEEK_IN_YEAR(CreatedDate)
SELECT FORMAT(MIN(CreatedDate)) earliest FROM Lead
SELECT toLabel(Status) FROM Lead
SELECT Company, toLabel(Status) shown FROM Lead
SELECT FORMAT(AnnualRevenue) FROM Lead
SELECT FORMAT(AnnualRevenue) nice FROM Lead
SELECT convertCurrency(AnnualRevenue) FROM Lead
SELECT FORMAT(convertCurrency(AnnualRevenue)) nice FROM Lead
SELECT FIELDS(ALL) FROM Lead LIMIT 200
SELECT FIELDS(STANDARD) FROM Lead
SELECT FIELDS(CUSTOM), Id FROM Lead LIMIT 200
SELECT Id FROM Lead WHERE Name = 'x'
SELECT Id FROM Lead WHERE Name='x'
SELECT Id FROM Lead WHERE Name != 'x'
SELECT Id FROM Lead WHERE Name <> 'x'
SELECT Id FROM Lead WHERE AnnualRevenue > 5
SELECT Id FROM Lead WHERE AnnualRevenue >= 5.5
SELECT Id FROM Lead WHERE AnnualRevenue < -5
SELECT Id FROM Lead WHERE AnnualRevenue <= +5
SELECT Id FROM Lead WHERE AnnualRevenue > USD5000
SELECT Id FROM Lead WHERE AnnualRevenue > EUR50.25
SELECT Id FROM Lead WHERE Name = null
SELECT Id FROM Lead WHERE Name != NULL
SELECT Id FROM Lead WHERE IsConverted = true
SELECT Id FROM Lead WHERE IsConverted = FALSE
SELECT Id FROM Lead WHERE Name LIKE 'a%'
SELECT Id FROM Lead WHERE Name LIKE '%a_b%'
SELECT Id FROM Lead WHERE Name LIKE '50\% off'
SELECT Id FROM Lead WHERE Name LIKE 'a\_b'
SELECT Id FROM Lead WHERE Name = 'O\'Neil'
SELECT Id FROM Lead WHERE Name = 'a\\b'
SELECT Id FROM Lead WHERE Name = 'say \"hello\"'
SELECT Id FROM Lead WHERE Name = 'line\nbreak\ttab'
SELECT Id FROM Lead WHERE Name = ''
SELECT Id FROM Lead WHERE Name = 'SELECT Id FROM Lead'
SELECT Id FROM Lead WHERE Name = 'ünïcode – 漢字'
SELECT Id FROM Lead WHERE Name = 'a' AND Email = 'b'
SELECT Id FROM Lead WHERE Name = 'a' OR Email = 'b'
SELECT Id FROM Lead WHERE Name = 'a' AND Email = 'b' AND Phone = 'c'
SELECT Id FROM Lead WHERE Name = 'a' OR Email = 'b' OR Phone = 'c'
SELECT Id FROM Lead WHERE (Name = 'a')
SELECT Id FROM Lead WHERE ((Name = 'a'))
SELECT Id FROM Lead WHERE (Name = 'a' OR Email = 'b') AND Phone = 'c'
SELECT Id FROM Lead WHERE Name = 'a' AND (Email = 'b' OR Phone = 'c')
SELECT Id FROM Lead WHERE (Name = 'a' AND Email = 'b') OR (Name = 'c' AND Email = 'd')
SELECT Id FROM Lead WHERE (SystemModstamp = 2026-01-02T03:04:05Z AND Id > '00QFe0000000001MAA') OR SystemModstamp > 2026-01-02T03:04:05Z
SELECT Id FROM Lead WHERE ((Name = 'a' OR Name = 'b') AND (Email = 'c' OR (Phone = 'd' AND Fax = 'e')))
SELECT Id FROM Lead WHERE NOT Name = 'a'
SELECT Id FROM Lead WHERE NOT (Name = 'a')
SELECT Id FROM Lead WHERE (NOT Name = 'a')
SELECT Id FROM Lead WHERE NOT (Name = 'a' AND Email = 'b')
SELECT Id FROM Lead WHERE (NOT Name = 'a') AND Email = 'b'
SELECT Id FROM Lead WHERE Email = 'b' AND (NOT Name = 'a')
SELECT Id FROM Lead WHERE (NOT (Name LIKE 'a%')) AND (NOT (Name LIKE 'b%'))
SELECT Id FROM Lead WHERE Name IN ('a')
SELECT Id FROM Lead WHERE Name IN ('a', 'b', 'c')
SELECT Id FROM Lead WHERE Name NOT IN ('a','b')
SELECT Id FROM Lead WHERE NumberOfEmployees IN (1, 2, 3)
SELECT Id FROM Lead WHERE ConvertedDate IN (2026-01-01, 2026-01-02)
SELECT Id FROM Lead WHERE Languages__c INCLUDES ('a', 'b')
SELECT Id FROM Lead WHERE Languages__c INCLUDES ('a;b', 'c')
SELECT Id FROM Lead WHERE Languages__c EXCLUDES ('a')
SELECT Id FROM Lead WHERE Id IN (SELECT LeadId FROM CampaignMember)
SELECT Id FROM Lead WHERE Id NOT IN (SELECT LeadId FROM CampaignMember)
SELECT Id FROM Lead WHERE Id IN (SELECT LeadId FROM CampaignMember WHERE Status = 'Sent' AND HasResponded = true)
SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'a%') AND Id IN (SELECT AccountId FROM Opportunity)
SELECT Id FROM Lead WHERE OwnerId IN (SELECT Id FROM User WHERE IsActive = true) AND Name = 'x'
SELECT Id FROM Lead WHERE Owner.Name = 'x'
SELECT Id FROM Lead WHERE Owner.Type = 'Queue' AND Owner.Profile.Name LIKE 'Sys%'
SELECT Id FROM Lead WHERE CreatedDate = TODAY
SELECT Id FROM Lead WHERE CreatedDate > YESTERDAY
SELECT Id FROM Lead WHERE CreatedDate < TOMORROW
SELECT Id FROM Lead WHERE CreatedDate = LAST_WEEK
SELECT Id FROM Lead WHERE CreatedDate = THIS_MONTH
SELECT Id FROM Lead WHERE CreatedDate = NEXT_QUARTER
SELECT Id FROM Lead WHERE CreatedDate = THIS_FISCAL_YEAR
SELECT Id FROM Lead WHERE CreatedDate = LAST_90_DAYS
SELECT Id FROM Lead WHERE CreatedDate = LAST_N_DAYS:7
SELECT Id FROM Lead WHERE CreatedDate >= N_DAYS_AGO:7
SELECT Id FROM Lead WHERE CreatedDate = NEXT_N_WEEKS:2
SELECT Id FROM Lead WHERE CreatedDate = LAST_N_FISCAL_QUARTERS:2
SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01T00:00:00Z
SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01T00:00:00.000Z
SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01T00:00:00+01:00
SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01T00:00:00-08:00
SELECT Id FROM Lead WHERE ConvertedDate = 2026-01-01
SELECT Id FROM Lead WHERE CALENDAR_YEAR(CreatedDate) = 2026
SELECT Id FROM Lead WHERE CALENDAR_MONTH(CreatedDate) > 6 AND CALENDAR_YEAR(CreatedDate) = 2026
SELECT Id FROM Lead WHERE DAY_ONLY(CreatedDate) = 2026-01-01
SELECT Id FROM Lead WHERE HOUR_IN_DAY(convertTimezone(CreatedDate)) = 12
SELECT Id FROM Lead WHERE toLabel(Status) = 'Open'
SELECT Id FROM Place__c WHERE DISTANCE(Spot__c, GEOLOCATION(37.775,-122.418), 'mi') < 20
SELECT Id FROM Lead ORDER BY Name
SELECT Id FROM Lead ORDER BY Name ASC
SELECT Id FROM Lead ORDER BY Name DESC
SELECT Id FROM Lead ORDER BY Name NULLS FIRST
SELECT Id FROM Lead ORDER BY Name DESC NULLS LAST
SELECT Id FROM Lead ORDER BY Name, Email DESC, Phone ASC NULLS LAST
SELECT Id FROM Lead ORDER BY Owner.Name, SystemModstamp, Id
SELECT Id FROM Lead WHERE Name = 'a' ORDER BY Name LIMIT 5 OFFSET 10
SELECT Id FROM Lead FOR VIEW
SELECT Id FROM Lead FOR REFERENCE
SELECT Id FROM Lead FOR UPDATE
SELECT Id FROM Lead LIMIT 1 FOR VIEW
SELECT Id FROM Lead WHERE Name = 'a' LIMIT 1 FOR UPDATE
SELECT Id FROM Lead UPDATE TRACKING
SELECT Id FROM Lead UPDATE VIEWSTAT
SELECT Id FROM Lead USING SCOPE mine
SELECT Id FROM Lead USING SCOPE everything WHERE Name = 'a'
SELECT Id FROM Lead WITH SECURITY_ENFORCED
SELECT Id FROM Lead WHERE Name = 'a' WITH SECURITY_ENFORCED
SELECT Id FROM Lead WITH USER_MODE
SELECT Id FROM Lead WHERE Name = 'a' WITH SYSTEM_MODE ORDER BY Name
SELECT Title FROM Article__kav WITH DATA CATEGORY Geography__c ABOVE usa__c
SELECT Title FROM Article__kav WHERE Language = 'en_US' WITH DATA CATEGORY Geography__c AT (usa__c, uk__c) AND Product__c BELOW tv__c
SELECT Id, (SELECT Id FROM Contacts) FROM Account
SELECT Id, (SELECT Id, Name FROM Contacts WHERE Name = 'a' ORDER BY Name LIMIT 5) FROM Account
SELECT Id, (SELECT Id FROM Contacts), (SELECT Id FROM Opportunities) FROM Account WHERE Name = 'x'
SELECT (SELECT Id FROM Contacts) FROM Account
SELECT Id, (SELECT Id, Owner.Name FROM Contacts) FROM Account LIMIT 3
SELECT Id, (SELECT Id FROM Kids__r WHERE Age__c > 3) FROM Parent__c
SELECT a.Id, (SELECT c.Id FROM a.Contacts c) FROM Account a
SELECT TYPEOF Owner WHEN User THEN Name END FROM Lead
SELECT TYPEOF Owner WHEN User THEN Name, Email WHEN Group THEN Name ELSE Id END FROM Lead
SELECT Id, TYPEOF What WHEN Account THEN Phone WHEN Opportunity THEN Amount, CloseDate END, Subject FROM Task
SELECT TYPEOF Who WHEN Lead THEN Company ELSE Name END, TYPEOF What WHEN Account THEN Phone END FROM Task WHERE Who.Type = 'Lead'
SELECT Id FROM Group
SELECT Id FROM Group WHERE Type = 'Queue'
SELECT Id FROM Order
SELECT Id, Group.Name FROM GroupMember
SELECT Type, Status, Priority, Count__c, Limit__c FROM Thing__c
SELECT Id FROM Lead WHERE Name = 'a' AND Name != 'b' AND Name > 'c' AND Name >= 'd' AND Name < 'e' AND Name <= 'f'
SELECT Id FROM User WHERE Id = '005Fe0000000001IAA'
SELECT Id FROM Lead WHERE IsConverted = false AND Email != null AND CreatedDate = LAST_N_DAYS:30 ORDER BY CreatedDate DESC NULLS LAST, Id LIMIT 200 OFFSET 200
""".strip().splitlines()

INVALID = r"""
SELECT
SELECT Id
SELECT FROM Lead
SELECT Id Lead
SELECT Id FROM
SELECT Id, FROM Lead
SELECT ,Id FROM Lead
SELECT Id,,Name FROM Lead
SELECT Id Name Email FROM Lead
SELECT * FROM Lead
FROM Lead SELECT Id
Id FROM Lead
UPDATE Lead SET Name = 'a'
DELETE FROM Lead
INSERT INTO Lead
SELECT Id FROM Lead WHERE
SELECT Id FROM Lead WHERE Name
SELECT Id FROM Lead WHERE Name =
SELECT Id FROM Lead WHERE = 'a'
SELECT Id FROM Lead WHERE Name == 'a'
SELECT Id FROM Lead WHERE Name = 'a
SELECT Id FROM Lead WHERE Name = a'
SELECT Id FROM Lead WHERE Name = "a"
SELECT Id FROM Lead WHERE Name = 'a' AND
SELECT Id FROM Lead WHERE AND Name = 'a'
SELECT Id FROM Lead WHERE Name = 'a' Email = 'b'
SELECT Id FROM Lead WHERE Name = 'a' && Email = 'b'
SELECT Id FROM Lead WHERE (Name = 'a'
SELECT Id FROM Lead WHERE Name = 'a')
SELECT Id FROM Lead WHERE ()
SELECT Id FROM Lead WHERE Name IN
SELECT Id FROM Lead WHERE Name IN ()
SELECT Id FROM Lead WHERE Name IN 'a'
SELECT Id FROM Lead WHERE Name IN ('a',)
SELECT Id FROM Lead WHERE Name IN ('a' 'b')
SELECT Id FROM Lead WHERE Name LIKE
SELECT Id FROM Lead WHERE Name IS NULL
SELECT Id FROM Lead WHERE Name IS NOT NULL
SELECT Id FROM Lead WHERE Name BETWEEN 1 AND 2
SELECT Id FROM Lead WHERE NOT
SELECT Id FROM Lead WHERE Name NOT = 'a'
SELECT Id FROM Lead ORDER Name
SELECT Id FROM Lead ORDER BY
SELECT Id FROM Lead ORDER BY Name,
SELECT Id FROM Lead ORDER BY Name DESC ASC
SELECT Id FROM Lead ORDER BY Name NULLS
SELECT Id FROM Lead ORDER BY Name NULLS FIRST DESC
SELECT Id FROM Lead GROUP Name
SELECT Id FROM Lead GROUP BY
SELECT Id FROM Lead HAVING
SELECT Id FROM Lead LIMIT
SELECT Id FROM Lead LIMIT ten
SELECT Id FROM Lead LIMIT 1 2
SELECT Id FROM Lead LIMIT 1, 2
SELECT Id FROM Lead LIMIT 1 LIMIT 2
SELECT Id FROM Lead LIMIT 5 WHERE Name = 'a'
SELECT Id FROM Lead ORDER BY Name WHERE Name = 'a'
SELECT Id FROM Lead OFFSET
SELECT Id FROM Lead FOR
SELECT Id FROM Lead FOR NOTHING
SELECT Id FROM Lead USING mine
SELECT Id FROM Lead USING SCOPE
SELECT Id FROM Lead WITH
SELECT Id FROM Lead; SELECT Id FROM Contact
SELECT Id FROM Lead -- comment
SELECT Id FROM Lead JOIN Contact
SELECT Id, (SELECT Id FROM Contacts FROM Account
SELECT Id, SELECT Id FROM Contacts FROM Account
SELECT Id, () FROM Account
SELECT TYPEOF Owner END FROM Lead
SELECT TYPEOF Owner WHEN User THEN END FROM Lead
SELECT TYPEOF Owner WHEN User THEN Name FROM Lead
SELECT TYPEOF Owner ELSE Name END FROM Lead
SELECT COUNT( FROM Lead
SELECT COUNT(Id FROM Lead
SELECT Owner. FROM Lead
SELECT .Name FROM Lead
SELECT Id FROM Lead WHERE CreatedDate = LAST_N_DAYS:
SELECT Id FROM Lead WHERE Id IN (SELECT LeadId FROM)
SELECT Id FROM Lead WHERE Id IN SELECT LeadId FROM CampaignMember
SELECT Id FROM Lead WHERE Name = 'a' OR
SELECT DISTINCT Company, Name FROM Lead WHERE
SELECT Name from FROM Lead
SELECT Name n m FROM Lead
SELECT Id FROM Lead WHERE Name = :name
SELECT Id FROM Lead WHERE Name LIKE 'a%' 'b%'
SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01 00:00:00
""".strip().splitlines()
