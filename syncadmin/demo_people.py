"""The demo's people that are not in Salesforce yet, as web forms, lists and business cards left them.

Most can be sent to Salesforce as they are. Some lack the company or the last name that a Lead needs, and some have a
telephone number of a form that the demo org's validation rule refuses: what becomes of those is worth seeing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

# What brought them in, and what it is called in the picklist of Salesforce.
_ORIGINS = {
    "W": ("Webinar sign-up", "Web"),
    "F": ("Trade fair list", "Purchased List"),
    "C": ("Contact form", "Web"),
}

# first name | last name | company | title | domain | phone | city | state | country | industry | origin
_TABLE = """
Maren|Albrecht|Nordlicht Windkraft GmbH|Head of Marketing|nordlicht-windkraft|+49 40 555 0134|Hamburg|Hamburg|Germany|Energy|W
Tobias|Kern|Kern & Söhne Präzision GmbH|Managing Director|kern-soehne|+49 711 555 0177|Stuttgart|Baden-Württemberg|Germany|Machinery|F
Leonie|Brandt|Stadtwerke Auental|Press Officer|stadtwerke-auental|0341 555 0190|Leipzig|Sachsen|Germany|Utilities|C
Dominik|Pohl||IT Manager|pohl-beratung|+49 89 555 0121|München|Bayern|Germany||W
Aylin|Demir|Rheinblick Logistik AG|Procurement Lead|rheinblick-logistik|+49 221 555 0166|Köln|Nordrhein-Westfalen|Germany|Shipping|F
Caroline|Whitaker|Larkspur Hospice Trust|Fundraising Director|larkspur-trust|+44 20 5555 0143|London|England|United Kingdom|Not For Profit|C
Rhys|Penhallow|Penhallow Boatbuilders Ltd|Owner|penhallow-boats|+44 1326 555 012|Falmouth|England|United Kingdom|Manufacturing|F
Shreya|Chatterjee|Fenwick Street Analytics Ltd|Growth Lead|fenwick-analytics|+44 161 555 0108|Manchester|England|United Kingdom|Technology|W
Duncan||Glenbrae Distillery Ltd|Visitor Centre|glenbrae|+44 1479 555 016|Aviemore|Scotland|United Kingdom|Food & Beverage|W
Bethan|Llewellyn|Cwm Valley Schools|Head Teacher|cwm-valley|(029) 555 0155|Cardiff|Wales|United Kingdom|Education|C
Marcus|Ellison|Ridgeline Outdoor Co.|E-commerce Manager|ridgeline-outdoor|+1 303 555 0119|Denver|CO|United States|Retail|W
Keisha|Franklin|Franklin Family Dental|Practice Manager|franklin-dental|(512) 555-0183|Austin|TX|United States|Healthcare|W
Joel|Abernathy|Abernathy Structural Inc.|Principal Engineer|abernathy-structural|+1 206 555 0147|Seattle|WA|United States|Engineering|F
Dana|Kowalczyk|Lakefront Credit Union|VP Digital|lakefront-cu|+1 312 555 0128|Chicago|IL|United States|Banking|C
Priscilla|Nakamura||Freelance Designer|pnakamura-design|+1 415 555 0161|San Francisco|CA|United States|Media|W
Gabriel|Ortega|Ortega Citrus Growers|Sales Director|ortega-citrus|+1 559 555 0102|Fresno|CA|United States|Agriculture|F
Tamsin|O'Leary|Bay State Biotech Inc.|Lab Operations|baystate-biotech|617-555-0139|Boston|MA|United States|Biotechnology|W
Élodie|Marchand|Atelier Marchand SARL|Fondatrice|atelier-marchand|+33 1 55 55 01 44|Paris|Île-de-France|France|Apparel|F
Bastien|Leroux|Leroux Thermique SA|Directeur commercial|leroux-thermique|+33 4 55 55 01 27|Lyon|Rhône|France|Construction|W
Maëlle|Kerbrat|Conserverie Kerbrat|Export Manager|kerbrat|+33 2 55 55 01 90|Nantes|Loire-Atlantique|France|Food & Beverage|C
Inés|Cabrera|Cabrera Solar S.L.|Gerente|cabrera-solar|+34 954 555 013|Sevilla|Andalucía|Spain|Energy|W
Pau|Riera|Riera Disseny S.L.|Creative Director|riera-disseny|+34 93 555 01 72|Barcelona|Cataluña|Spain|Media|F
Noelia|Vidal||Consultora|noelia-vidal|+34 91 555 01 18|Madrid|Madrid|Spain|Consulting|W
Federica|Lombardo|Lombardo Ceramiche S.r.l.|Responsabile Export|lombardo-ceramiche|+39 051 555 0136|Bologna|BO|Italy|Manufacturing|F
Saverio|De Santis|De Santis Viaggi S.r.l.|Titolare|desantis-viaggi|+39 06 555 0154|Roma|RM|Italy|Hospitality|C
Ginevra||Fondazione Arco|Coordinatrice|fondazione-arco|+39 011 555 0111|Torino|TO|Italy|Not For Profit|W
Freja|Holmqvist|Holmqvist Trä AB|Marknadschef|holmqvist-tra|+46 31 555 01 23|Göteborg|Västra Götaland|Sweden|Construction|F
Isak|Lundgren|Fjällvind Data AB|CTO|fjallvind|+46 8 555 01 68|Stockholm|Stockholm|Sweden|Technology|W
Zuzanna|Wiśniewska|Wiśniewska Transport Sp. z o.o.|Dyrektor operacyjny|wisniewska-transport|+48 22 555 01 45|Warszawa|Mazowieckie|Poland|Transportation|W
Kacper|Zieliński|Bursztyn Software Sp. z o.o.|Product Manager|bursztyn-software|+48 58 555 01 09|Gdańsk|Pomorskie|Poland|Technology|C
Mitsuki|Hayashi|Hayashi Seimitsu K.K.|海外営業部長|hayashi-seimitsu|+81 6 5555 0131|Osaka|Osaka|Japan|Electronics|F
Nao|Fujimoto|Komorebi Travel K.K.|Marketing Specialist|komorebi-travel|03-5555-0170|Tokyo|Tokyo|Japan|Hospitality|W
Larissa|Teixeira|Teixeira Cosméticos Ltda.|Gerente de Marketing|teixeira-cosmeticos|+55 11 5555 0149|São Paulo|SP|Brazil|Retail|W
Caio|Monteiro|Serra Verde Café Ltda.|Sócio|serraverde-cafe|+55 31 5555 0117|Belo Horizonte|MG|Brazil|Food & Beverage|F
Neha|Deshpande|Sahyadri EdTech Pvt. Ltd.|Head of Partnerships|sahyadri-edtech|+91 20 5550 0164|Pune|Maharashtra|India|Education|W
Karthik|Subramaniam|Coromandel Textiles|General Manager|coromandel-textiles|+91 44 5550 0126|Chennai|Tamil Nadu|India|Apparel|C
Matilda|Ashworth|Ashworth Vineyards Pty Ltd|Cellar Door Manager|ashworth-vineyards|+61 8 5550 0152|Adelaide|SA|Australia|Agriculture|F
Jarrah|Connolly||Founder|jarrah-connolly|+61 3 5550 0185|Melbourne|VIC|Australia|Recreation|W
Wouter|van der Veen|Veenland Zuivel B.V.|Inkoopmanager|veenland-zuivel|+31 58 555 0173|Leeuwarden|Friesland|Netherlands|Food & Beverage|F
Sanne|Hoekstra|Hoekstra Fietsen B.V.|Marketing Manager|hoekstra-fietsen|+31 30 555 0114|Utrecht|Utrecht|Netherlands|Retail|W
"""  # noqa: E501
_COLUMNS = (
    "first_name", "last_name", "company", "job_title", "domain", "phone", "city", "state", "country", "industry",
)  # fmt: skip
_APART = timedelta(hours=11)
_PLAIN = str.maketrans("áäéëíöúüñçśń", "aaeeiouuncsn", "'’ ")


def demo_people(now: datetime) -> Iterator[tuple[dict[str, Any], str, datetime]]:
    """Values, what brought the person in, and when: the last one an hour ago, the others before."""
    lines = _TABLE.strip().splitlines()
    first = now - timedelta(hours=1) - _APART * (len(lines) - 1)
    for number, line in enumerate(lines):
        *cells, letter = line.split("|")
        origin, source = _ORIGINS[letter]
        row = dict(zip(_COLUMNS, cells, strict=True))
        yield _values(row) | {"source": source}, origin, first + _APART * number


def _values(row: dict[str, str]) -> dict[str, Any]:
    domain = f"{row.pop('domain')}.example"
    name = ".".join(filter(None, (row["first_name"], row["last_name"]))).lower().translate(_PLAIN)
    values: dict[str, Any] = {name: value for name, value in row.items() if value}
    return values | {"email": f"{name}@{domain}", "website": f"https://www.{domain}"}
