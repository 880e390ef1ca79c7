"""Believable people: names, companies and places that go together, the same for the same number."""

from __future__ import annotations

import random
import unicodedata
from datetime import date, timedelta
from typing import Any

from syncadmin.emulator.schema.build import INDUSTRIES
from syncadmin.emulator.schema.custom import LANGUAGES, PRODUCTS

# country, dialling code, region, language, cities with state, first names, last names
PLACES: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    (
        "Germany",
        "+49",
        "EMEA",
        "German",
        "Berlin:Berlin|München:Bayern|Hamburg:Hamburg|Köln:Nordrhein-Westfalen",
        "Anna|Lukas|Jürgen|Sabine|Katrin|Felix|Ute|Matthias",
        "Müller|Schäfer|Weber|Hoffmann|Krüger|Neumann|Vogel",
    ),
    (
        "United States",
        "+1",
        "North America",
        "English",
        "New York:NY|Austin:TX|San Francisco:CA|Chicago:IL|Boston:MA|Denver:CO|Seattle:WA",
        "Emily|James|Olivia|Michael|Ava|Daniel|Grace|Tyrone|Hannah",
        "Johnson|Garcia|Brown|Nguyen|Davis|Carter|Reed",
    ),
    (
        "United Kingdom",
        "+44",
        "EMEA",
        "English",
        "London:England|Manchester:England|Edinburgh:Scotland|Cardiff:Wales",
        "Oliver|Charlotte|Harriet|George|Imogen|Alistair",
        "Smith|Hughes|Okafor|MacLeod|Taylor|Whitfield",
    ),
    (
        "France",
        "+33",
        "EMEA",
        "French",
        "Paris:Île-de-France|Lyon:Rhône|Lille:Nord|Nantes:Loire-Atlantique",
        "Camille|Hélène|Théo|Chloé|Étienne|Mathilde",
        "Lefèvre|Dubois|Moreau|Girard|Benoît|Rousseau",
    ),
    (
        "Spain",
        "+34",
        "EMEA",
        "Spanish",
        "Madrid:Madrid|Barcelona:Cataluña|Valencia:Valencia|Sevilla:Andalucía",
        "Lucía|Javier|Carmen|Íñigo|Núria|Álvaro",
        "García|Fernández|Muñoz|Ibáñez|Serrano|Peña",
    ),
    (
        "Italy",
        "+39",
        "EMEA",
        "Italian",
        "Milano:MI|Roma:RM|Torino:TO|Bologna:BO",
        "Giulia|Lorenzo|Chiara|Matteo|Niccolò|Elisa",
        "Rossi|Bianchi|Ricci|D'Angelo|Conti|Ferrari",
    ),
    (
        "Japan",
        "+81",
        "APAC",
        "Japanese",
        "Tokyo:Tokyo|Osaka:Osaka|Yokohama:Kanagawa|Fukuoka:Fukuoka",
        "Haruto|Yuki|Sakura|Kenji|Aiko|Ren",
        "Sato|Suzuki|Tanaka|Watanabe|Kobayashi|Ito",
    ),
    (
        "Brazil",
        "+55",
        "Latin America",
        "Portuguese",
        "São Paulo:SP|Rio de Janeiro:RJ|Curitiba:PR|Recife:PE",
        "João|Mariana|Thiago|Beatriz|Luíza|Caio",
        "Silva|Souza|Gonçalves|Araújo|Costa|Magalhães",
    ),
    (
        "Poland",
        "+48",
        "EMEA",
        "Polish",
        "Warszawa:Mazowieckie|Kraków:Małopolskie|Gdańsk:Pomorskie|Łódź:Łódzkie",
        "Zofia|Paweł|Małgorzata|Tomasz|Agnieszka|Michał",
        "Nowak|Kowalski|Wiśniewska|Zieliński|Wójcik|Szymańska",
    ),
    (
        "Australia",
        "+61",
        "APAC",
        "English",
        "Sydney:NSW|Melbourne:VIC|Brisbane:QLD|Perth:WA",
        "Isla|Jack|Matilda|Liam|Ruby|Noah",
        "Walker|Nguyen|O'Brien|Campbell|Singh|Murray",
    ),
    (
        "India",
        "+91",
        "APAC",
        "English",
        "Bengaluru:Karnataka|Mumbai:Maharashtra|Chennai:Tamil Nadu|Pune:Maharashtra",
        "Priya|Arjun|Ananya|Rohan|Kavya|Vikram",
        "Sharma|Patel|Iyer|Reddy|Banerjee|Kulkarni",
    ),
    (
        "Sweden",
        "+46",
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
TRADES = _words(
    "Logistics|Robotics|Foods|Analytics|Textiles|Pharma|Energy|Media|Systems|Insurance|Tools|Motors|Design"
    "|Software|Travel|Publishing|Optics|Materials|Health|Retail"
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
STREETS = _words(
    "High Street|Market Street|Station Road|Park Avenue|Mill Lane|Kings Road|Harbour Way|Long Acre"
)
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted")
BANDS = ((10, "1-10"), (50, "11-50"), (250, "51-250"), (1000, "251-1000"), (10**9, "1001+"))
INDUSTRY_LIST = INDUSTRIES.split("|")
FIRST_DAY = date(2026, 1, 1)
UNMARKED = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "ß": "ss", "'": "", " ": "-"})


def plain(text: str) -> str:
    """The text in ASCII, as it would stand in an e-mail address."""
    decomposed = unicodedata.normalize("NFKD", text.translate(UNMARKED))
    return decomposed.encode("ascii", "ignore").decode().lower()


def make_company(chance: random.Random, country: str) -> tuple[str, str]:
    """A company's name and its domain, which ends in .example so that nobody is ever written to."""
    stem, trade = chance.choice(STEMS), chance.choice(TRADES)
    return f"{stem} {trade} {FORMS[country]}", f"{stem}-{trade}.example".lower()


def make_phone(chance: random.Random, code: str) -> str:
    """A number with its country code."""
    return f"{code} {chance.randint(20, 989)} {chance.randint(100, 999)} {chance.randint(1000, 9999)}"


def make_person(chance: random.Random, number: int) -> dict[str, Any]:
    """The values of a lead, with an e-mail that no other number has."""
    country, code, region, language, cities, firsts, lasts = chance.choice(PLACES)
    city, _, state = chance.choice(cities.split("|")).partition(":")
    first, last = chance.choice(firsts.split("|")), chance.choice(lasts.split("|"))
    company, domain = make_company(chance, country)
    employees = int(10 ** chance.uniform(0.5, 4.3))
    return {
        "FirstName": first,
        "LastName": last,
        "Company": company,
        "Title": chance.choice(TITLES),
        "Email": f"{plain(first)}.{plain(last)}{number}@{domain}",
        "Phone": make_phone(chance, code),
        "MobilePhone": make_phone(chance, code),
        "Website": f"https://www.{domain}",
        "Street": f"{chance.randint(1, 240)} {chance.choice(STREETS)}",
        "City": city,
        "State": state,
        "PostalCode": str(chance.randint(10000, 99999)),
        "Country": country,
        "LeadSource": chance.choice(SOURCES),
        "Status": chance.choice(STATUSES),
        "Industry": chance.choice(INDUSTRY_LIST),
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
