"""Believable people: names, companies and places that go together, the same for the same number."""

from __future__ import annotations

import random
import unicodedata
from datetime import date, timedelta
from typing import Any

from syncadmin.emulator.schema.custom import LANGUAGES, PRODUCTS
from syncadmin.emulator.seeds.places import HABITS, TRADES, filled, make_street

# country, region, language, cities with state, first names, last names
PLACES: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "Germany",
        "EMEA",
        "German",
        "Berlin:Berlin|München:Bayern|Hamburg:Hamburg|Köln:Nordrhein-Westfalen",
        "Anna|Lukas|Jürgen|Sabine|Katrin|Felix|Ute|Matthias",
        "Müller|Schäfer|Weber|Hoffmann|Krüger|Neumann|Vogel",
    ),
    (
        "United States",
        "North America",
        "English",
        "New York:NY|Austin:TX|San Francisco:CA|Chicago:IL|Boston:MA|Denver:CO|Seattle:WA",
        "Emily|James|Olivia|Michael|Ava|Daniel|Grace|Tyrone|Hannah",
        "Johnson|Garcia|Brown|Nguyen|Davis|Carter|Reed",
    ),
    (
        "United Kingdom",
        "EMEA",
        "English",
        "London:England|Manchester:England|Edinburgh:Scotland|Cardiff:Wales",
        "Oliver|Charlotte|Harriet|George|Imogen|Alistair",
        "Smith|Hughes|Okafor|MacLeod|Taylor|Whitfield",
    ),
    (
        "France",
        "EMEA",
        "French",
        "Paris:Île-de-France|Lyon:Rhône|Lille:Nord|Nantes:Loire-Atlantique",
        "Camille|Hélène|Théo|Chloé|Étienne|Mathilde",
        "Lefèvre|Dubois|Moreau|Girard|Benoît|Rousseau",
    ),
    (
        "Spain",
        "EMEA",
        "Spanish",
        "Madrid:Madrid|Barcelona:Cataluña|Valencia:Valencia|Sevilla:Andalucía",
        "Lucía|Javier|Carmen|Íñigo|Núria|Álvaro",
        "García|Fernández|Muñoz|Ibáñez|Serrano|Peña",
    ),
    (
        "Italy",
        "EMEA",
        "Italian",
        "Milano:MI|Roma:RM|Torino:TO|Bologna:BO",
        "Giulia|Lorenzo|Chiara|Matteo|Niccolò|Elisa",
        "Rossi|Bianchi|Ricci|D'Angelo|Conti|Ferrari",
    ),
    (
        "Japan",
        "APAC",
        "Japanese",
        "Tokyo:Tokyo|Osaka:Osaka|Yokohama:Kanagawa|Fukuoka:Fukuoka",
        "Haruto|Yuki|Sakura|Kenji|Aiko|Ren",
        "Sato|Suzuki|Tanaka|Watanabe|Kobayashi|Ito",
    ),
    (
        "Brazil",
        "Latin America",
        "Portuguese",
        "São Paulo:SP|Rio de Janeiro:RJ|Curitiba:PR|Recife:PE",
        "João|Mariana|Thiago|Beatriz|Luíza|Caio",
        "Silva|Souza|Gonçalves|Araújo|Costa|Magalhães",
    ),
    (
        "Poland",
        "EMEA",
        "Polish",
        "Warszawa:Mazowieckie|Kraków:Małopolskie|Gdańsk:Pomorskie|Łódź:Łódzkie",
        "Zofia|Paweł|Małgorzata|Tomasz|Agnieszka|Michał",
        "Nowak|Kowalski|Wiśniewska|Zieliński|Wójcik|Szymańska",
    ),
    (
        "Australia",
        "APAC",
        "English",
        "Sydney:NSW|Melbourne:VIC|Brisbane:QLD|Perth:WA",
        "Isla|Jack|Matilda|Liam|Ruby|Noah",
        "Walker|Nguyen|O'Brien|Campbell|Singh|Murray",
    ),
    (
        "India",
        "APAC",
        "English",
        "Bengaluru:Karnataka|Mumbai:Maharashtra|Chennai:Tamil Nadu|Pune:Maharashtra",
        "Priya|Arjun|Ananya|Rohan|Kavya|Vikram",
        "Sharma|Patel|Iyer|Reddy|Banerjee|Kulkarni",
    ),
    (
        "Sweden",
        "EMEA",
        "English",
        "Stockholm:Stockholm|Göteborg:Västra Götaland|Malmö:Skåne",
        "Elsa|Björn|Astrid|Åke|Linnéa|Oskar",
        "Andersson|Johansson|Lindqvist|Bergström|Sjöberg|Nyström",
    ),
)


def _words(joined: str) -> list[str]:
    return joined.split("|")


STEMS = _words(
    "Northwind|Alpine|Harbour|Meridian|Lumen|Cobalt|Evergreen|Quantum|Silverline|Atlas|Beacon|Juniper|Orchid"
    "|Falcon|Granite|Summit|Cascade|Ember|Willow|Polaris|Vertex|Crescent|Marble|Saffron|Tidal"
)
FORMS = {
    "Germany": "GmbH",
    "United States": "Inc.",
    "United Kingdom": "Ltd",
    "France": "SA",
    "Spain": "S.L.",
    "Italy": "S.p.A.",
    "Japan": "K.K.",
    "Brazil": "Ltda.",
    "Poland": "Sp. z o.o.",
    "Australia": "Pty Ltd",
    "India": "Pvt. Ltd.",
    "Sweden": "AB",
}
TITLES = _words(
    "Marketing Manager|Chief Financial Officer|Head of Procurement|VP Sales|Operations Director|IT Manager"
    "|Demand Generation Lead|Chief Technology Officer|Product Owner|Data Analyst|Office Manager|CEO"
    "|Customer Success Manager|Purchasing Agent|Director of Digital"
)
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted")
BANDS = ((10, "1-10"), (50, "11-50"), (250, "51-250"), (1000, "251-1000"), (10**9, "1001+"))
FIRST_DAY = date(2026, 1, 1)
UNMARKED = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "ß": "ss", "'": "", " ": "-"})


def plain(text: str) -> str:
    """The text in ASCII, as it would stand in an e-mail address."""
    decomposed = unicodedata.normalize("NFKD", text.translate(UNMARKED))
    return decomposed.encode("ascii", "ignore").decode().lower()


def make_company(chance: random.Random, country: str) -> tuple[str, str, str]:
    """A company's name, its domain, which ends in .example so that nobody is ever written to, its industry."""
    stem, trade = chance.choice(STEMS), chance.choice(tuple(TRADES))
    return f"{stem} {trade} {FORMS[country]}", f"{stem}-{trade}.example".lower(), TRADES[trade]


def make_person(chance: random.Random, number: int, country: str = "") -> dict[str, Any]:
    """The values of a lead, of this country if one is given, with an e-mail that no other number has."""
    places = [place for place in PLACES if not country or place[0] == country]
    country, region, language, cities, firsts, lasts = chance.choice(places)
    habits = HABITS[country]
    city, _, state = chance.choice(cities.split("|")).partition(":")
    first, last = chance.choice(firsts.split("|")), chance.choice(lasts.split("|"))
    company, domain, industry = make_company(chance, country)
    employees = int(10 ** chance.uniform(0.5, 4.3))
    return {
        "FirstName": first,
        "LastName": last,
        "Company": company,
        "Title": chance.choice(TITLES),
        "Email": f"{plain(first)}.{plain(last)}{number}@{domain}",
        "Phone": filled(chance, habits.phone),
        "MobilePhone": filled(chance, habits.mobile),
        "Website": f"https://www.{domain}",
        "Street": make_street(chance, country),
        "City": city,
        "State": state,
        "PostalCode": filled(chance, habits.postcode),
        "Country": country,
        "LeadSource": chance.choice(SOURCES),
        "Status": chance.choice(STATUSES),
        "Industry": industry,
        "Rating": chance.choice(("Hot", "Warm", "Cold", None)),
        "AnnualRevenue": float(employees * chance.randint(60, 210) * 1000),
        "NumberOfEmployees": employees,
        "HasOptedOutOfEmail": int(chance.random() < 0.05),
        "DoNotCall": int(chance.random() < 0.04),
        **_custom(chance, number, region, language, f"{plain(first)}-{plain(last)}"),
        "Employees_Band__c": next(band for most, band in BANDS if employees <= most),
    }


def _custom(chance: random.Random, number: int, region: str, language: str, handle: str) -> dict[str, Any]:
    others = [x for x in LANGUAGES.split("|") if x == language or (x == "English" and chance.random() < 0.6)]
    return {
        "Product_Interest__c": chance.choice(PRODUCTS.split("|")),
        "Lead_Score__c": float(chance.randint(0, 100)),
        "Region__c": region,
        "Budget__c": float(chance.randint(5, 400) * 500),
        "Renewal_Date__c": (FIRST_DAY + timedelta(days=chance.randint(0, 720))).isoformat(),
        "Last_Webinar__c": f"{FIRST_DAY - timedelta(days=chance.randint(1, 300))}T15:00:00.000+0000",
        "VIP__c": int(chance.random() < 0.08),
        "Preferred_Languages__c": ";".join(others),
        "LinkedIn__c": f"https://www.linkedin.example/in/{handle}-{number}",
        "Annual_Growth__c": round(chance.uniform(-12, 48), 2),
    }
